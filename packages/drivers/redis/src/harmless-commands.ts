/** Commands that create no key, as of Redis 7 and 8 and Valkey 8. A command neither here nor in commands.ts causes one warning. */
export const harmless: ReadonlySet<string> = new Set(
  (
    'acl asking auth bgrewriteaof bgsave bitcount bitfield_ro bitpos client cluster command config ' +
    'dbsize debug digest discard dump echo eval_ro evalsha_ro exec exists expiretime failover fcall_ro function geodist geohash geopos ' +
    'georadius_ro georadiusbymember_ro geosearch get getbit getrange hello hexists hexpiretime hget hgetall ' +
    'hkeys hlen hmget hpersist hpexpiretime hpttl hrandfield hscan hstrlen httl hvals info keys lastsave latency lcs lindex ' +
    'linsert llen lolwut lpos lpushx lrange lset memory mget module monitor multi object pexpiretime ' +
    'pfcount pfdebug pfselftest ping psubscribe psync pttl publish pubsub punsubscribe quit randomkey readonly readwrite replconf replicaof reset ' +
    'role rpushx save scan scard script sdiff select shutdown sinter sintercard sismember slaveof slowlog smembers smismember sort_ro ' +
    'spublish srandmember sscan ssubscribe strlen subscribe substr sunion sunsubscribe sync time touch ttl type unsubscribe unwatch wait ' +
    'waitaof watch xack xackdel xautoclaim xclaim xdel xdelex xinfo xlen xpending xrange xread xreadgroup xrevrange xsetid xtrim zcard zcount ' +
    'zdiff zinter zintercard zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore zrank ' +
    'zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion ' +
    'bf.card bf.exists bf.info bf.mexists cf.exists cf.info cf.mexists cms.info cms.query ft._list ft.aggregate ft.cursor ft.info ft.profile ' +
    'ft.search json.arrindex json.arrlen json.get json.mget json.objkeys json.objlen json.resp json.strlen json.type ' +
    'topk.info topk.list topk.query ts.get ts.info ts.mget ts.mrange ts.queryindex ts.range ts.revrange vcard vdim vemb vgetattr vinfo vlinks ' +
    'vrandmember vsim'
  ).split(' '),
)
