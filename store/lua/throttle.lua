-- throttle: shares what Telegram said about waiting; reads and clears what has passed.
-- KEYS  1 throttle (hash)
-- ARGV  1 offset ms  2 chat ('' only reads)  3 ms to wait
-- returns chat, ms left, chat, ms left, …
local bad = expect('hash')
if bad then return bad end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], ARGV[2], str(NOW + tonumber(ARGV[3]))) end
local out, all = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local left = tonumber(all[i + 1]) - NOW
  if left <= 0 then
    redis.call('HDEL', KEYS[1], all[i])
  else
    out[#out + 1] = all[i]
    out[#out + 1] = str(left)
  end
end
return out
