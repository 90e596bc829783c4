-- reissue: one more showing of an order's cards for their owner, who is told; only when no other is left, so that a repeat adds nothing.
-- KEYS  1 order (hash)  2 due notices (zset)  3 notice leases (hash)  4 events (stream)  5 seq (string)  6 events of order (list)
--       7 events of person (list)
-- ARGV  1 offset ms  2 order id  3 showings allowed to everybody  4 event
-- returns {'reissued'} | {'gone'} | {'not_ready'} | {'nothing'} no card came, or they were refunded | {'shredded'} | {'left'} showings are left, or the cards are on screen
local bad = expect('hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
if not get('buyer') then return { 'gone' } end
local state = get('rv')
if not state then return { get('final') and 'nothing' or 'not_ready' } end
if state == 'shredded' then return { 'shredded' } end
if state ~= 'removed' then return { 'left' } end

emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[4])
local more = tonumber(get('rv.n') or '0') + 1 - tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'rv', 'sealed', 'rv.more', str(more), 'slip.re', '1')
redis.call('HDEL', KEYS[1], 'offered')
redis.call('ZADD', KEYS[2], str(NOW), ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
return { 'reissued' }
