-- take_slip: the one-time claim of an order's cards by whoever holds its link. It returns the sealed cards with the claim. The link is used
-- up by the step that stores their place, right before a code leaves: a claim that gets no further leaves it as it is.
-- KEYS  1 order (hash)  2 vault (hash)  3 fence (string)  4 events (stream)  5 seq (string)  6 events of order (list)
--       7 events of person (list)  8 head (hash)
-- ARGV  1 offset ms  2 order id  3 token mac (32 hex)  4 claim lease ms  5 showings allowed  6 event claimed
-- returns {'taken', claim, now ms, field count, field, value, …, index, sealed, …} | {'no'} for whatever reason | {'behind'}
local bad = expect('hash', 'hash', 'string', 'stream', 'string', 'list', 'list', 'hash')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
if get('slip') ~= ARGV[3] or get('slip.at') or tonumber(get('slip.till') or '0') <= NOW then return { 'no' } end
local state = get('rv')
if state ~= 'sealed' and state ~= 'claimed' then return { 'no' } end
if state == 'claimed' and tonumber(get('rv.until')) > NOW then return { 'no' } end
if tonumber(get('rv.n') or '0') >= tonumber(ARGV[5]) + tonumber(get('rv.more') or '0') then return { 'no' } end
if behind(KEYS[8], KEYS[5]) then return { 'behind' } end

emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[6])
local claim = str(redis.call('INCR', KEYS[3]))
redis.call('HSET', KEYS[1], 'rv', 'claimed', 'rv.claim', claim, 'rv.until', str(NOW + tonumber(ARGV[4])), 'rv.mac', '', 'rv.slip', ARGV[3])
local fields = redis.call('HGETALL', KEYS[1])
local out = { 'taken', claim, str(NOW), str(#fields) }
for _, v in ipairs(fields) do out[#out + 1] = v end
for _, v in ipairs(redis.call('HGETALL', KEYS[2])) do out[#out + 1] = v end
return out
