-- save_talk: keeps a chat's talk if nobody saved it in between, remembers the update, and asks for a redraw in case the
-- reply is lost. Whoever talks can be written to.
-- KEYS  1 talk (hash)  2 due redraws (zset)  3 redraw leases (hash)
-- ARGV  1 offset ms  2 expected version  3 body (JSON)  4 update id  5 updates remembered  6 redraw in ms  7 name of the talk  8 language
-- returns {'ok', version} | {'stale'}
local bad = expect('hash', 'zset', 'hash')
if bad then return bad end
local version = redis.call('HGET', KEYS[1], 'v') or '0'
if version ~= ARGV[2] then return { 'stale' } end
local seen = redis.call('HGET', KEYS[1], 'u') or ''
if ARGV[4] ~= '0' then
  seen = seen .. ',' .. ARGV[4]
  local n = 0
  for i = #seen, 1, -1 do
    if string.sub(seen, i, i) == ',' then
      n = n + 1
      if n == tonumber(ARGV[5]) then
        seen = string.sub(seen, i)
        break
      end
    end
  end
end
version = str(tonumber(version) + 1)
redis.call('HSET', KEYS[1], 'v', version, 'b', ARGV[3], 'u', seen, 'l', ARGV[8])
redis.call('HSETNX', KEYS[1], 'at', str(NOW))
redis.call('HDEL', KEYS[1], 'x')
redis.call('ZADD', KEYS[2], str(NOW + tonumber(ARGV[6])), ARGV[7])
redis.call('HDEL', KEYS[3], ARGV[7])
return { 'ok', version }
