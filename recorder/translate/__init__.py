"""One provider's protocol put into another's: Messages, Bedrock InvokeModel, Vertex rawPredict.

Pure and sans-io. Messages stands in the middle: a request or an answer is brought into that form, then into the one
that is wanted, so that three protocols take six ways and not nine. Whatever means the same keeps its bytes; what the
other side does not take is left out by `recorder.translate.table`, and named with its reason.
"""
