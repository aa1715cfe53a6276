"""The dashboard's own components: a JavaScript and a CSS file each, and a thin Python function.

Rules: they get data and never send events (what the user does is following a link, so that the
address stays the truth); untrusted text only ever becomes `textContent` or an attribute set by
`setAttribute`; a `key` always; what is drawn is patched in place, so that a refresh loses neither
focus nor scroll.
"""
