/** What of a table tells when its rows were inserted, as SQL for the look at its shape. */

/**
 * A column that an UPDATE sets as well (`updated_at`, `last_seen_at`), or that is another time by default (`expires_at`), says nothing of the
 * insertion: only the name tells. What is cut to seconds may say a time that was not yet.
 */
export const stampOf = (
  table: string,
) => `(SELECT a.attname FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = ${table} AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype) AND (a.atttypmod = -1 OR a.atttypmod >= 3)
    AND (a.attname ~* '(^|_)(creat(ed?|ion)|insert(ed|ion)?)' OR a.attname ~ '[a-z](Creat(ed?|ion)|Insert(ed|ion)?)')
    AND a.attname !~* 'updat|modif|chang|touch|seen|last|expir|delet|recreat'
    AND pg_get_expr(d.adbin, d.adrelid) ~* '${now}'
  ORDER BY a.attnum LIMIT 1)`

/** The whole default, casts apart: `now() + '30 days'` is none. */
const now = [
  String.raw`^\(*(now\(\)|(transaction|statement|clock)_timestamp\(\)|(current_timestamp|localtimestamp)(\([3-6]\))?)\)*`,
  String.raw`(::timestamp(\([3-6]\))?( with(out)? time zone)?\)*)*$`,
].join('')

/** By the trigger that `dustpan db install` puts in, whose first argument is the mode. */
export const logOf = (
  table: string,
) => `(SELECT CASE WHEN position(decode('${claim}', 'hex') IN g.tgargs) = 1 AND has_schema_privilege(n.oid, 'USAGE')
    AND EXISTS (SELECT FROM pg_class l WHERE l.relnamespace = n.oid AND l.relname = 'log' AND has_table_privilege(l.oid, 'SELECT')) THEN 'claim' ELSE 'leave' END
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE g.tgrelid = ${table} AND n.nspname = 'dustpan' AND p.proname = 'log_row' LIMIT 1)`

const claim = Buffer.from('claim\0').toString('hex')
