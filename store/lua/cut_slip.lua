-- cut_slip: a new one-time link to an order's cards; the former one is dead from now on. Only cards that were never on their way to a
-- screen can be handed over.
-- KEYS  1 order (hash)  2 slip (string)  3 due notices (zset)  4 notice leases (hash)  5 events (stream)  6 seq (string)
--       7 events of order (list)  8 events of person (list)
-- ARGV  1 offset ms  2 order id  3 token mac (32 hex)  4 user  5 life ms  6 showings allowed  7 event  8 for whom: own | hand
--       9 what the slip's key holds
-- returns {'cut', until ms, the former one's message} | {'denied'} | {'not_ready'} | {'nothing'} | {'shredded'} | {'used_up'}
--       | {'on_screen', until ms} | {'handed', until ms, opened ms} | {'seen'} not to be handed over any more
local bad = expect('hash', 'string', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
if get('buyer') ~= ARGV[4] then return { 'denied' } end
local state = get('rv')
if not state then return { get('final') and 'nothing' or 'not_ready' } end
if state == 'shredded' then return { 'shredded' } end
local away = handed(KEYS[1])
if away then return away end
if state == 'shown' or state == 'showing' then return { 'on_screen', get('rv.del') } end
if state == 'claimed' and tonumber(get('rv.until')) > NOW then return { 'on_screen', get('rv.until') } end
if tonumber(get('rv.n') or '0') >= tonumber(ARGV[6]) + tonumber(get('rv.more') or '0') then return { 'used_up' } end
if ARGV[8] == 'hand' and get('rv.from') then return { 'seen' } end

emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[7])
local former, till = get('slip.msg') or '0', str(NOW + tonumber(ARGV[5]))
redis.call('HSET', KEYS[1], 'slip', ARGV[3], 'slip.k', ARGV[8], 'slip.till', till)
redis.call('HDEL', KEYS[1], 'slip.at', 'slip.msg', 'slip.told', 'slip.re')
redis.call('SET', KEYS[2], ARGV[9], 'PX', tonumber(ARGV[5]) + 86400000) -- it ends by slip.till; this only cleans up
local next = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[2]) or till)
redis.call('ZADD', KEYS[3], str(math.min(next, tonumber(till))), ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
return { 'cut', till, former }
