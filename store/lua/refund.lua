-- refund: gives money back for cards of an order that has ended: a new transfer and a mark, the state stays. Never more than was
-- captured, and not while the cards are on a screen. Cards nobody opened become house stock and cannot be shown any more.
-- KEYS  1 order (hash)  2 wallets (hash)  3 ledger (hash)  4 statement of the account (list)  5 due notices (zset)
--       6 notice leases (hash)  7 events (stream)  8 seq (string)  9 events of order (list)  10 events of person (list)
--      11 what was bought from the account in a day (hash)
-- ARGV  1 offset ms  2 order id  3 reference  4 cards ('0' for all that are left)  5 account  6 note
--       7 event, without its data: kind, order, person, actor
-- returns {'refunded', amount} | {'exists', amount} | {'gone'} | {'edge', state} not ended, or another's | {'on_screen'}
--       | {'nothing'} fewer cards are left to be refunded | {'unopened'} a part of cards that nobody has seen
local bad = expect('hash', 'hash', 'hash', 'list', 'zset', 'hash', 'stream', 'string', 'list', 'list', 'hash')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
local id, account = ARGV[2], ARGV[5]
if not get('buyer') then return { 'gone' } end
local entry = id .. ':refund:' .. ARGV[3]
local line = redis.call('HGET', KEYS[3], entry)
if line then return { 'exists', string.match(line, '^%d+|[^|]*|[^|]*|(%d+)|') } end
if not get('final') or get('acct') ~= account then return { 'edge', get('st') } end
local state = get('rv')
local claimed = state == 'claimed' and tonumber(get('rv.until')) > NOW
if state == 'shown' or state == 'showing' or claimed then return { 'on_screen' } end
local left = tonumber(get('got') or '0') - tonumber(get('rf.n') or '0')
local cards = ARGV[4] == '0' and left or tonumber(ARGV[4])
if cards < 1 or cards > left then return { 'nothing' } end
if cards < left and not get('rv.first') then return { 'unopened' } end
local amount = cards * tonumber(get('unit'))
if tonumber(get('rf') or '0') + amount > tonumber(get('captured') or '0') then return { 'nothing' } end

local e = cjson.decode(ARGV[7])
e[5] = '{"amount":"' .. str(amount) .. '","cards":"' .. str(cards) .. '"}'
emit(KEYS[7], KEYS[8], KEYS[9], KEYS[10], cjson.encode(e))
move(KEYS[2], KEYS[3], entry, 'sales', account, amount, ARGV[6], nil, KEYS[4])
uncount(KEYS[1], KEYS[11], amount)
redis.call('HINCRBY', KEYS[1], 'rf', str(amount))
redis.call('HINCRBY', KEYS[1], 'rf.n', str(cards))
redis.call('HSET', KEYS[1], 'rf.at', str(NOW))
if cards == left and state ~= 'shredded' then
  redis.call('HDEL', KEYS[1], 'rv', 'rv.claim', 'rv.until', 'rv.mac') -- the tokens stay known, and get "nothing"
end
redis.call('ZADD', KEYS[5], str(NOW), id)
redis.call('HDEL', KEYS[6], id)
return { 'refunded', str(amount) }
