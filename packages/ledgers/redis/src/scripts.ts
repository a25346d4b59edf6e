/** The ledger's Lua scripts; Redis runs each of them atomically. */

/** Milliseconds, by the server's clock. */
const now = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** A script, so that a cluster sends INFO to the node with the key. */
export const info = `return {redis.call('INFO'), KEYS[1]}`

/** KEYS: ledger. ARGV: identity and version, for a ledger that has none yet. */
export const initialise = `
  redis.call('HSETNX', KEYS[1], 'identity', ARGV[1])
  redis.call('HSETNX', KEYS[1], 'version', ARGV[2])
  return redis.call('HMGET', KEYS[1], 'identity', 'version')`

/**
 * Appends the lines of several writers, each writer's as one text: cheaper for both sides than one value per line.
 * KEYS: runs, run, each writer's lines. ARGV: run, host, build or '', then for each writer its name, the first line's
 * number, and the text.
 */
export const append = `${now}
  redis.call('ZADD', KEYS[1], 'GT', now, ARGV[1])
  redis.call('HSETNX', KEYS[2], 'host', ARGV[2])
  if ARGV[3] ~= '' then redis.call('HSETNX', KEYS[2], 'build', ARGV[3]) end

  local find, sub = string.find, string.sub
  local function split(text)
    local lines, count, from, stop = {}, 0, 1, find(text, '\\n', 1, true)
    while stop do
      count = count + 1
      lines[count] = sub(text, from, stop)
      from = stop + 1
      stop = find(text, '\\n', from, true)
    end
    return lines, count
  end

  for i = 3, #KEYS do
    local list, writer, first = KEYS[i], ARGV[i * 3 - 5], ARGV[i * 3 - 4] - 1
    local lines, count = split(ARGV[i * 3 - 3])
    local known = count > 0 and redis.call('LRANGE', list, first, first + count - 1) or {}
    local changes = count - #known
    for n, text in ipairs(known) do
      if #lines[n] > #text then
        redis.call('LSET', list, first + n - 1, lines[n])
        changes = changes + 1
      end
    end
    if count > #known then
      for _ = redis.call('LLEN', list), first - 1 do redis.call('RPUSH', list, '') end
      for from = #known + 1, count, 5000 do
        redis.call('RPUSH', list, unpack(lines, from, math.min(from + 4999, count)))
      end
    end
    if changes > 0 then
      redis.call('HSET', KEYS[2], 'lines ' .. writer, redis.call('LLEN', list))
      redis.call('HINCRBY', KEYS[2], 'changes ' .. writer, changes)
      redis.call('HINCRBY', KEYS[2], 'changes', changes)
    end
  end`

/** KEYS: runs. ARGV: a run, or '' for all. Returns the time, and each run with the time it was last heard of. */
export const heard = `${now}
  if ARGV[1] ~= '' then return {now, {ARGV[1], redis.call('ZSCORE', KEYS[1], ARGV[1])}} end
  return {now, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}`

/** KEYS: run. ARGV: outline, changes. */
export const keepOutline = `
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'outline', ARGV[1], 'outlined', ARGV[2]) end`

/** KEYS: lease. ARGV: holder, its lease, the lease that it may take over, duration. Returns the holder if another has it. */
export const lease = `
  local held = redis.call('GET', KEYS[1])
  if held then
    local by = cjson.decode(held).lease
    if by ~= ARGV[2] and by ~= ARGV[3] then return held end
  end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])`

/** First lines of a script that only the holder may run. */
const ifHeld = `
  local held = redis.call('GET', KEYS[1])
  if not held or cjson.decode(held).lease ~= ARGV[1] then return 0 end`

/** KEYS: lease. ARGV: lease, duration. */
export const renew = `${ifHeld}
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])`

/** KEYS: lease. ARGV: lease. */
export const release = `${ifHeld}
  return redis.call('DEL', KEYS[1])`

/** KEYS: runs, run, each writer's lines. ARGV: run, changes. */
export const drop = `
  if redis.call('HGET', KEYS[2], 'changes') ~= ARGV[2] then return end
  redis.call('ZREM', KEYS[1], ARGV[1])
  for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end`
