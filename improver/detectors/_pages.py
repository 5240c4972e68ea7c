"""Requests for one list page by page: none can be asked before the last, and a larger page is all there is to gain."""

# What names the page, by a number, or by what the page before said of the next: `?page=`, `&cursor=`, `&pageToken=`.
_NAMED = (
    r"(?i)[?&](?:\w*[._-]|\$|%24)?(?:page|cursor|offset|marker|continuation|next|after|before|skip|startat|startafter"
    r"|scroll)(?:[._-]|\[|%5B)?(?:token|id|key|index|number|no|num|cursor|after)?(?:\]|%5D)?=[^&#]*"
    r"|[?&](?:from|start)=\d{1,7}(?:[&#]|$)"
)
# The page that a request asks for, by its `description`; "" where it names none. What looks like a secret was scrubbed,
# and is taken for another one each time.
PAGE = rf"""
replace(array_to_string(regexp_extract_all(description, '{_NAMED}'), ''), '[scrubbed]', event_id)
"""
