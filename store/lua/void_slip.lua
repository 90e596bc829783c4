-- void_slip: its owner takes back a one-time link that nobody has opened; it is dead at once, also while somebody is about to open it.
-- KEYS  1 order (hash)  2 events (stream)  3 seq (string)  4 events of order (list)  5 events of person (list)
-- ARGV  1 offset ms  2 order id  3 user  4 event
-- returns {'void', its message} | {'denied'} | {'none'} there is none any more | {'opened', when ms}
local bad = expect('hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
if get('buyer') ~= ARGV[3] then return { 'denied' } end
if get('slip.at') then return { 'opened', get('slip.at') } end
if tonumber(get('slip.till') or '0') <= NOW then return { 'none' } end
emit(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[4])
local message = get('slip.msg') or '0'
redis.call('HDEL', KEYS[1], 'slip', 'slip.k', 'slip.till', 'slip.msg', 'slip.told')
return { 'void', message }
