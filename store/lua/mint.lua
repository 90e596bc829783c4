-- mint: a new reveal token for an order's owner; the former one is remembered as replaced.
-- KEYS  1 order (hash)  2 events (stream)  3 seq (string)  4 events of order (list)  5 events of person (list)
-- ARGV  1 offset ms  2 order id  3 token mac (32 hex)  4 user ('' for the shop itself)  5 life ms  6 showings allowed  7 event
-- returns {'minted'} | {'denied'} | {'not_ready'} | {'nothing'} | {'shredded'} | {'used_up'} | {'on_screen', until ms}
--       | {'handed', until ms, opened ms}
local bad = expect('hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
if not get('buyer') or (ARGV[4] ~= '' and get('buyer') ~= ARGV[4]) then return { 'denied' } end
local state = get('rv')
if not state then return { get('final') and 'nothing' or 'not_ready' } end
if state == 'shredded' then return { 'shredded' } end
local away = handed(KEYS[1])
if away then return away end
if state == 'shown' or state == 'showing' then return { 'on_screen', get('rv.del') } end
if tonumber(get('rv.n') or '0') >= tonumber(ARGV[6]) + tonumber(get('rv.more') or '0') then return { 'used_up' } end

emit(KEYS[2], KEYS[3], KEYS[4], KEYS[5], ARGV[7])
local former = get('tok')
if former and not get('tok.re') then redis.call('HSET', KEYS[1], 'tok.old', string.sub((get('tok.old') or '') .. former, -2048)) end
redis.call('HSET', KEYS[1], 'tok', ARGV[3], 'tok.till', str(NOW + tonumber(ARGV[5])))
redis.call('HDEL', KEYS[1], 'tok.re')
return { 'minted' }
