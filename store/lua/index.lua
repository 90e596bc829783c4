-- index: adds linked entries to the lists by group, actor and kind, if these still reach to the entry they were read from.
-- KEYS  1 head (hash)  2 first list of entries, and as many more as there are
-- ARGV  1 offset ms  2 id the lists reach to ('' at the start)  3 id they reach to afterwards  4.. the ids for each list, between spaces
-- returns {'ok'} | {'moved'} another process was faster
local bad = expect('hash', 'list')
if bad then return bad end
if (redis.call('HGET', KEYS[1], 'ix') or '') ~= ARGV[2] then return { 'moved' } end
for i = 2, #KEYS do
  for id in string.gmatch(ARGV[i + 2], '%S+') do redis.call('RPUSH', KEYS[i], id) end
end
redis.call('HSET', KEYS[1], 'ix', ARGV[3])
return { 'ok' }
