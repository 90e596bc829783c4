-- reveal_step: carries a claimed reveal one step on. Fenced by the claim.
-- KEYS  1 order (hash)  2 due sweeps (zset)  3 due retention (zset)
--       4 events (stream)  5 seq (string)  6 events of order (list)  7 events of person (list)  8 due notices (zset)
--       9 notice leases (hash)  10 sweep leases (hash)  11 retention leases (hash)
-- ARGV  1 offset ms  2 order id  3 claim  4 step: place | shown | back | extend | save  5 ms of life or extension
--       6 receipt (JSON, place)  7 event  8 retention ms (shown); ms after which nobody can be putting codes there any more (place)
--       9 who opens a one-time link (JSON, place; '' for nobody)
-- place   stores where the placeholder lies and when it goes, before any code is shown; it goes earlier while nobody confirms the codes.
--         A one-time link that the claim came by is used up here: it was not taken back, and opens nothing a second time
-- shown   the code is on screen: counts the showing, starts its life anew, remembers the token as used
-- back    nothing was shown: the claim ends and the cards are sealed again
-- extend  adds life once;  save: life ends now.  From the owner these come without a claim (ARGV[3] is '')
-- returns {'ok', delete-at ms of codes that are on screen} | {'lost'} the claim is not ours any more | {'no'} the step does not fit the state
local bad = expect('hash', 'zset', 'zset', 'stream', 'string', 'list', 'list', 'zset', 'hash', 'hash', 'hash')
if bad then return bad end
local function get(field) return redis.call('HGET', KEYS[1], field) end
local step, id, state = ARGV[4], ARGV[2], get('rv')
if ARGV[3] ~= '' and get('rv.claim') ~= ARGV[3] then return { 'lost' } end
local till = NOW + tonumber(ARGV[5])
local sweep
if step == 'place' then
  if state ~= 'claimed' or tonumber(get('rv.until')) <= NOW then return { 'lost' } end
  local slip = get('rv.slip')
  if slip and (slip ~= get('slip') or get('slip.at')) then return { 'lost' } end
  sweep = math.min(till, NOW + tonumber(ARGV[8]))
  emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[7])
  redis.call('HSET', KEYS[1], 'rv', 'showing', 'rv.rc', ARGV[6], 'rv.del', str(sweep), 'rv.from', str(NOW))
  redis.call('HDEL', KEYS[1], 'rv.ext')
  if slip then redis.call('HSET', KEYS[1], 'slip.at', str(NOW), 'visit.' .. ARGV[3], ARGV[9]) end
  if slip and get('slip.k') == 'hand' then redis.call('HSET', KEYS[1], 'slip.handed', str(NOW)) end
elseif step == 'shown' then
  if state ~= 'showing' then return { 'lost' } end
  emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[7])
  redis.call('HSET', KEYS[1], 'rv', 'shown', 'rv.del', str(till), 'tok.used', (get('tok.used') or '') .. get('rv.mac'))
  if get('tok') == string.sub(get('rv.mac'), -32) then redis.call('HDEL', KEYS[1], 'tok', 'tok.re') end
  redis.call('HINCRBY', KEYS[1], 'rv.n', '1')
  if redis.call('HSETNX', KEYS[1], 'rv.first', str(NOW)) == 1 then
    redis.call('ZADD', KEYS[3], str(NOW + tonumber(ARGV[8])), id)
    redis.call('HDEL', KEYS[11], id)
  end
elseif step == 'back' then
  if state ~= 'claimed' then return { 'no' } end
  redis.call('HSET', KEYS[1], 'rv', 'sealed')
  return { 'ok', '0' }
elseif step == 'extend' then
  if state ~= 'shown' or get('rv.ext') or tonumber(get('rv.del')) <= NOW then return { 'no' } end
  till = tonumber(get('rv.del')) + tonumber(ARGV[5])
  emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[7])
  redis.call('HSET', KEYS[1], 'rv.ext', '1', 'rv.del', str(till))
elseif step == 'save' then
  if state ~= 'shown' and state ~= 'showing' then return { 'no' } end
  till = NOW
  emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[7])
  redis.call('HSET', KEYS[1], 'rv.del', str(till))
end
redis.call('ZADD', KEYS[2], str(sweep or till), id)
redis.call('HDEL', KEYS[10], id)
redis.call('ZADD', KEYS[8], str(NOW), id)
redis.call('HDEL', KEYS[9], id)
return { 'ok', str(till) }
