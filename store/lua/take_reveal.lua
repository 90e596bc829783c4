-- take_reveal: the owner's one-time claim of an order's cards. It returns the sealed cards with the claim. A token that ran out or was
-- replaced unused is renewed first: the claim is under the new one, and the event tells it.
-- KEYS  1 order (hash)  2 vault (hash)  3 wrong tries of the user (hash)  4 fence (string)
--       5 events (stream)  6 seq (string)  7 events of order (list)  8 events of person (list)  9 head (hash)
-- ARGV  1 offset ms  2 order id  3 token mac (32 hex)  4 user  5 claim lease ms  6 showings allowed
--       7 event denied  8 event claimed  9 wrong tries allowed in a minute  10 mac of the token of a renewal (32 hex)
--      11 life of it ms  12 event renewed
-- returns {'taken', claim, now ms, field count, field, value, …, index, sealed, …} | {'denied'} | {'paused'} | {'not_ready'}
--       | {'nothing'} | {'shredded'} | {'on_screen', until ms} | {'shown', times} | {'used_up'} | {'behind'}
--       | {'handed', until ms, opened ms}
local bad = expect('hash', 'hash', 'hash', 'string', 'stream', 'string', 'list', 'list', 'hash')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
local tries = tonumber(redis.call('HGET', KEYS[3], 'n') or '0')
if tonumber(redis.call('HGET', KEYS[3], 'till') or '0') <= NOW then tries = 0 end
if tries >= tonumber(ARGV[9]) then return { 'paused' } end

local mac = ARGV[3]
-- among looks at whole macs: a piece of one, or of two neighbors, opens nothing.
local function among(list)
  for i = 1, #list, 32 do
    if string.sub(list, i, i + 31) == mac then return true end
  end
  return false
end
local former, old = get('tok'), get('tok.old') or ''
local known = former == mac and (tonumber(get('tok.till') or '0') > NOW and 'fresh' or 'over')
  or among(get('tok.used') or '') and 'used'
  or among(old) and 'over'
if get('buyer') ~= ARGV[4] or not known then
  emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[7])
  redis.call('HSET', KEYS[3], 'n', str(tries + 1))
  if tries == 0 then redis.call('HSET', KEYS[3], 'till', str(NOW + 60000)) end
  redis.call('PEXPIRE', KEYS[3], '120000')
  return { 'denied' }
end
local state, times = get('rv'), tonumber(get('rv.n') or '0')
if not state then return { get('final') and 'nothing' or 'not_ready' } end
if state == 'shredded' then return { 'shredded' } end
local away = handed(KEYS[1])
if away then return away end
local till = tonumber(get('rv.del') or '0')
if state == 'shown' or state == 'showing' then return { 'on_screen', str(till) } end
if state == 'claimed' and tonumber(get('rv.until')) > NOW then return { 'on_screen', get('rv.until') } end
if times >= tonumber(ARGV[6]) + tonumber(get('rv.more') or '0') then return { 'used_up' } end
if known == 'used' then return { 'shown', str(times) } end
if behind(KEYS[9], KEYS[6]) then return { 'behind' } end

if known == 'over' then
  emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[12])
  -- A renewed token is on no button, so it need not be remembered; the one on the button is.
  if former and not get('tok.re') then old = string.sub(old .. former, -2048) end
  redis.call('HSET', KEYS[1], 'tok.old', old, 'tok', ARGV[10], 'tok.till', str(NOW + tonumber(ARGV[11])), 'tok.re', '1')
  mac = mac .. ARGV[10] -- once shown, both are used
end
emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[8])
local claim = str(redis.call('INCR', KEYS[4]))
redis.call('HSET', KEYS[1], 'rv', 'claimed', 'rv.claim', claim, 'rv.until', str(NOW + tonumber(ARGV[5])), 'rv.mac', mac)
redis.call('HDEL', KEYS[1], 'rv.slip')
local fields = redis.call('HGETALL', KEYS[1])
local out = { 'taken', claim, str(NOW), str(#fields) }
for _, v in ipairs(fields) do out[#out + 1] = v end
for _, v in ipairs(redis.call('HGETALL', KEYS[2])) do out[#out + 1] = v end
return out
