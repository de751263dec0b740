"""What the record looks like: what the store returns, as rich renderables, tab-separated lines and JSON-ready dicts.

Nothing here prints or reads the command line. Recorded text is hostile: it reaches a screen through `text.clean` alone,
and rich only as `Text`, never as markup.
"""
