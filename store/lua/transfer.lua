-- transfer: moves money between two accounts once. Repeating the same id with the same content changes nothing.
-- KEYS  1 wallets (hash)  2 ledger (hash)  3 statement from (list)  4 statement to (list)
--       5 events (stream)  6 seq (string)  7 events of order (list)  8 events of person (list)
-- ARGV  1 offset ms  2 transfer id  3 from  4 to  5 amount (minor units, positive)  6 note
--       7 lowest balance allowed to `from` ('' for no floor)  8 event  9 '1' statement for from  10 '1' statement for to
-- returns {'moved', balance of from, balance of to} | {'exists', balance of from, balance of to} | {'conflict'} | {'short', balance}
local bad = expect('hash', 'hash', 'list', 'list', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, from, to, amount = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local function balances(word)
  return { word, redis.call('HGET', KEYS[1], from) or '0', redis.call('HGET', KEYS[1], to) or '0' }
end
local word = booked(KEYS[2], id, from, to, amount, ARGV[6])
if word then return word == 'exists' and balances(word) or { word } end
local have = tonumber(redis.call('HGET', KEYS[1], from) or '0')
if ARGV[7] ~= '' and have - amount < tonumber(ARGV[7]) then return { 'short', str(have) } end

emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[8])
move(KEYS[1], KEYS[2], id, from, to, amount, ARGV[6], ARGV[9] == '1' and KEYS[3] or nil, ARGV[10] == '1' and KEYS[4] or nil)
return balances('moved')
