"""A page on the loopback to look at the record with: read-only, for one person at a time.

Tornado serves and Jinja2 renders, because both come with mitmproxy (mitmweb is made of them): the page adds no package
to an installation, and nothing that starts with other commands. Datasette was weighed: content lies in compressed
streams that SQL cannot read, so its tables, facets and SQL would show what is least telling, for twenty packages more.
Charts are drawn by Plotly, which ships its script in its package (the extra `web`); without it there are the tables.
"""
