-- settle_topup: the money of a request, once: what was received goes into the wallet, or a credit found false is taken back, also
-- from a wallet that has no longer as much. Admin 0 is a machine that saw the payment, also of a request that has expired.
-- KEYS  1 request (hash)  2 wallets (hash)  3 ledger (hash)  4 statement of the wallet (list)  5 open requests of the person (zset)
--       6 promised that day (hash)  7 waiting requests (zset)  8 due news (zset)  9 leases of news (hash)  10 times (zset)
--      11 leases of times (hash)  12 events (stream)  13 seq (string)  14 events of order (list)  15 events of person (list)  16 due returns of Stars (zset)
-- ARGV  1 offset ms  2 id  3 credited or reversed  4 wallet  5 received (minor units; '0' to reverse what was)  6 admin  7 note
--       8 event, without its amount: kind, order, person, actor, request
-- returns {'ok', balance, amount} | {'exists', balance, amount} | {'gone'} | {'edge', state, admin who has it}
local bad = expect('hash', 'hash', 'hash', 'list', 'zset', 'hash', 'zset', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list',
  'list', 'zset')
if bad then return bad end
local id, to, wallet, admin = ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local function get(field) return redis.call('HGET', KEYS[1], field) or '' end
local from, outside = get('st'), 'external:' .. get('method')
if from == '' or get('acct') ~= wallet then return { 'gone' } end
local function answer(word, amount) return { word, redis.call('HGET', KEYS[2], wallet) or '0', amount } end
local entry = id .. (to == 'credited' and ':credit' or ':reverse')
if redis.call('HEXISTS', KEYS[3], entry) == 1 then return answer('exists', get('got')) end
local seen = get('auto') == '1' and admin == '0' and (from == 'asked' or from == 'expired')
local may = to == 'credited' and (from == 'claimed' and get('by') == admin or seen) or to == 'reversed' and from == 'credited'
if not may then return { 'edge', from, get('by') } end
local amount = to == 'credited' and ARGV[5] or get('got')

local e = cjson.decode(ARGV[8])
e[5] = '{"amount":"' .. amount .. '","topup":"' .. id .. '"}'
emit(KEYS[12], KEYS[13], KEYS[14], KEYS[15], cjson.encode(e))
if to == 'credited' then
  move(KEYS[2], KEYS[3], entry, outside, wallet, tonumber(amount), ARGV[7], nil, KEYS[4])
  local promised = from == 'expired' and 0 or tonumber(get('amount'))
  redis.call('HINCRBY', KEYS[6], get('method') .. ' ' .. get('payee'), str(tonumber(amount) - promised))
  redis.call('HSET', KEYS[1], 'got', amount)
else
  move(KEYS[2], KEYS[3], entry, wallet, outside, tonumber(amount), ARGV[7], KEYS[4], nil)
  redis.call('HSET', KEYS[1], 'back', str(NOW), 'note', ARGV[7])
  if get('charge') ~= '' then redis.call('ZADD', KEYS[16], str(NOW), get('charge')) end
end
redis.call('HSET', KEYS[1], 'st', to, 'ended', str(NOW))
redis.call('ZREM', KEYS[5], id)
redis.call('ZREM', KEYS[7], id)
redis.call('ZADD', KEYS[8], str(NOW), id)
redis.call('HDEL', KEYS[9], id)
redis.call('ZREM', KEYS[10], id)
redis.call('HDEL', KEYS[11], id)
return answer('ok', amount)
