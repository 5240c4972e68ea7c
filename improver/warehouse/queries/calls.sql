-- The tool calls of whole conversations, in their order; calls of a model are not among them, but their tokens are:
-- `tokens` and `wait_ms` are what lies between a call and the one before. `short` is the tool's name without its server's,
-- `reads` whether the name says that it changes nothing, `pairs` the arguments as "name=value", `words` those of the
-- result. A result that begins with "Error:" is an
-- error, whether the tool said so or not. `epoch` counts the calls that may have changed something: what is read twice in one epoch was read in vain.
with told as (
    select
        *,
        conversation as unit,
        epoch_us(occurred_at) / 1000.0 as begin_ms,
        sum(input_tokens + output_tokens) over turns as tokens_so_far
    from tool_calls
    where seq > $oldest and seq <= $upto and conversation in (select unit from touched)
    window turns as (partition by conversation order by occurred_at, seq)
), named as (
    select
        seq, event_id, occurred_at, service, "user", route, unit, conversation,
        agent, tool, arguments[:4000] as arguments, result[:4000] as result,
        case when error = '' and regexp_matches(result[:40], '^\s*(?i:error|exception|traceback|fatal)\b[^\n]{0,30}[:(]')
            then result[:400] else error end as error, duration_ms, begin_ms, tokens_so_far,
        regexp_extract(tool, '([^./:]*?)$', 1) as last_part,
        case when contains(last_part, '__') then regexp_extract(last_part, '^.*__(.+)$', 1) else last_part end as short,
        string_split(lower(regexp_replace(regexp_replace(short, '([a-z0-9])([A-Z])', '\1_\2', 'g'), '[^a-zA-Z0-9]+', '_', 'g')),
            '_') as parts
    from told where tool <> ''
), described as (
    select
        * exclude (last_part),
        (list_has_any(parts[1:2], ['get', 'list', 'ls', 'read', 'search', 'find', 'fetch', 'show', 'view', 'query', 'lookup',
            'describe', 'check', 'count', 'grep', 'glob', 'cat', 'inspect', 'browse', 'load', 'retrieve', 'status', 'info',
            'snapshot', 'screenshot', 'think', 'calculate', 'preview', 'diff', 'stat', 'head', 'tail', 'resolve', 'verify'])
            or list_has_any(parts, ['status', 'progress', 'details', 'snapshot', 'screenshot'])
        ) and not list_has_any(parts[1:1], ['set', 'update', 'write', 'create', 'delete', 'remove', 'add', 'put', 'post', 'edit',
            'send', 'change', 'clear', 'cancel', 'todo']) as reads,
        list_has_any(parts, ['browser', 'navigate', 'screenshot', 'playwright', 'puppeteer', 'webfetch', 'chrome']) as browses,
        list_sort(coalesce(case when json_valid(arguments) and json_type(arguments) = 'OBJECT' then
            list_transform(json_keys(arguments), lambda name: name || '=' ||
                coalesce(json_extract_string(arguments, '/' || replace(replace(name, '~', '~0'), '/', '~1'))[:400], ''))
            end, case when arguments = '' then [] else ['=' || arguments[:400]] end)) as pairs,
        list_distinct(list_filter(regexp_split_to_array(lower(result[:2000]), '[^\w]+'), lambda word: word <> '')) as words
    from named
)
select
    * exclude (tokens_so_far),
    row_number() over steps as step,
    coalesce(tokens_so_far - lag(tokens_so_far) over steps, tokens_so_far)::bigint as tokens,
    greatest(0, coalesce(begin_ms - lag(begin_ms + duration_ms) over steps, 0)) as wait_ms,
    coalesce(sum((not reads and not browses and error = '')::integer)
        over (steps rows between unbounded preceding and 1 preceding), 0)::bigint as epoch,
    max(occurred_at) over (partition by conversation) <= $ended_by as ended
from described
window steps as (partition by conversation order by occurred_at, seq)
