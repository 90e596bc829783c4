-- pay_star: a payment in Stars, once for each charge. What fits a request that waits is credited; all else goes back to who paid.
-- KEYS  1 charge (hash)  2 request (hash)  3 wallets (hash)  4 ledger (hash)  5 statement of the wallet (list)
--       6 open requests of the person (zset)  7 due news (zset)  8 leases of news (hash)  9 times (zset)
--      10 leases of times (hash)  11 due returns (zset)  12 events (stream)  13 seq (string)  14 events of order (list)
--      15 events of person (list)
-- ARGV  1 offset ms  2 charge  3 request  4 who paid  5 Stars  6 wallet  7 event of a credit, without its amount  8 event of a return
-- returns {'credited', balance, amount} | {'exists', state of the charge} | {'back'} it does not fit, and goes back
local bad = expect('hash', 'hash', 'hash', 'hash', 'list', 'zset', 'zset', 'hash', 'zset', 'hash', 'zset', 'stream', 'string',
  'list', 'list')
if bad then return bad end
local charge, id, payer, stars = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'exists', redis.call('HGET', KEYS[1], 'st') } end
local function get(field) return redis.call('HGET', KEYS[2], field) or '' end
local from, entry = get('st'), id .. ':credit'
local fits = get('auto') == '1' and get('buyer') == payer and get('acct') == ARGV[6] and get('payee') == 'stars=' .. stars
local line = redis.call('HGET', KEYS[4], entry)
local same = line and string.match(line, '|([^|]*)$') == charge -- it was credited by this very charge, which the memory forgot

if fits and same then
  redis.call('HSET', KEYS[1], 'buyer', payer, 'stars', stars, 'topup', id, 'st', 'credited', 'at', str(NOW))
  return { 'exists', 'credited' }
end
if not fits or line or from ~= 'asked' and from ~= 'expired' then
  emit(KEYS[12], KEYS[13], KEYS[14], KEYS[15], ARGV[8])
  redis.call('HSET', KEYS[1], 'buyer', payer, 'stars', stars, 'topup', id, 'st', 'back', 'at', str(NOW))
  redis.call('ZADD', KEYS[11], str(NOW), charge)
  return { 'back' }
end
local amount = get('amount')
local e = cjson.decode(ARGV[7])
e[5] = '{"amount":"' .. amount .. '","topup":"' .. id .. '"}'
emit(KEYS[12], KEYS[13], KEYS[14], KEYS[15], cjson.encode(e))
redis.call('HSET', KEYS[1], 'buyer', payer, 'stars', stars, 'topup', id, 'st', 'credited', 'at', str(NOW))
move(KEYS[3], KEYS[4], entry, 'external:' .. get('method'), ARGV[6], tonumber(amount), charge, nil, KEYS[5])
redis.call('HSET', KEYS[2], 'st', 'credited', 'got', amount, 'charge', charge, 'ended', str(NOW))
redis.call('ZREM', KEYS[6], id)
redis.call('ZADD', KEYS[7], str(NOW), id)
redis.call('HDEL', KEYS[8], id)
redis.call('ZREM', KEYS[9], id)
redis.call('HDEL', KEYS[10], id)
return { 'credited', redis.call('HGET', KEYS[3], ARGV[6]) or '0', amount }
