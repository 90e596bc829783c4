-- step_topup: a step of a request that moves no money: an admin takes it or refuses it, it ends without a payment, or a machine saw
-- something that a person has to look at.
-- KEYS  1 request (hash)  2 open requests of the person (zset)  3 promised that day (hash)  4 waiting requests (zset)
--       5 due news (zset)  6 leases of news (hash)  7 times (zset)  8 leases of times (hash)  9 events (stream)  10 seq (string)
--      11 events of order (list)  12 events of person (list)
-- ARGV  1 offset ms  2 id  3 state: claimed, refused, expired or sent  4 admin  5 the admin it is taken over from  6 reason  7 event
-- returns {'ok'} | {'same'} | {'gone'} | {'edge', state, admin who has it}
local bad = expect('hash', 'zset', 'hash', 'zset', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, to, admin = ARGV[2], ARGV[3], ARGV[4]
local function get(field) return redis.call('HGET', KEYS[1], field) or '' end
local from, by = get('st'), get('by')
if from == '' then return { 'gone' } end
if from == to and (to == 'expired' or to == 'sent' or by == admin) then return { 'same' } end
local may = (to == 'claimed' and (from == 'sent' or from == 'refused' or from == 'claimed' and by == ARGV[5] and by ~= ''))
  or (to == 'refused' and from == 'claimed' and by == admin)
  or (to == 'expired' and from == 'asked')
  or (to == 'sent' and get('auto') == '1' and (from == 'asked' or from == 'expired'))
if not may then return { 'edge', from, by } end

emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[7])
local promised = get('method') .. ' ' .. get('payee')
if to == 'sent' then
  if from == 'expired' then
    redis.call('HINCRBY', KEYS[3], promised, get('amount'))
    redis.call('ZADD', KEYS[2], str(NOW), id)
  end
  redis.call('HSET', KEYS[1], 'note', ARGV[6], 'sent', str(NOW))
  redis.call('ZADD', KEYS[4], str(NOW), id)
  redis.call('ZADD', KEYS[7], str(NOW), id)
  redis.call('HDEL', KEYS[8], id)
elseif to == 'claimed' then
  if from == 'refused' then
    redis.call('HINCRBY', KEYS[3], promised, get('amount'))
    redis.call('ZADD', KEYS[2], str(NOW), id)
    redis.call('ZADD', KEYS[4], get('sent'), id)
    redis.call('HDEL', KEYS[1], 'note')
  end
  redis.call('HSET', KEYS[1], 'by', admin, 'claimed', str(NOW))
else
  redis.call('HINCRBY', KEYS[3], promised, '-' .. get('amount'))
  redis.call('HSET', KEYS[1], 'note', ARGV[6], 'ended', str(NOW))
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZREM', KEYS[4], id)
  redis.call('ZREM', KEYS[7], id)
  redis.call('HDEL', KEYS[8], id)
end
redis.call('HSET', KEYS[1], 'st', to)
redis.call('ZADD', KEYS[5], str(NOW), id)
redis.call('HDEL', KEYS[6], id)
return { 'ok' }
