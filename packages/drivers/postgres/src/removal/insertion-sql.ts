/** SQL that finds how the insertion time of rows of a table can be known: by a timestamp column, or by the application log. */

/**
 * A column that an UPDATE sets as well (`updated_at`, `last_seen_at`), or that defaults to another time (`expires_at`),
 * says nothing about the insertion, and only its name reveals that. A timestamp with fewer than three fractional digits is
 * rounded, and may lie after the insertion.
 */
export const stampOf = (
  table: string,
) => `(SELECT a.attname FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = ${table} AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype) AND (a.atttypmod = -1 OR a.atttypmod >= 3)
    AND (a.attname ~* '(^|_)(creat(ed?|ion)|insert(ed|ion)?)' OR a.attname ~ '[a-z](Creat(ed?|ion)|Insert(ed|ion)?)')
    AND a.attname !~* 'updat|modif|chang|touch|seen|last|expir|delet|recreat'
    AND pg_get_expr(d.adbin, d.adrelid) ~* '${now}'
  ORDER BY a.attnum LIMIT 1)`

/** Matches the whole default, with or without casts: `now() + '30 days'` does not match. */
const now = [
  String.raw`^\(*(now\(\)|(transaction|statement|clock)_timestamp\(\)|(current_timestamp|localtimestamp)(\([3-6]\))?)\)*`,
  String.raw`(::timestamp(\([3-6]\))?( with(out)? time zone)?\)*)*$`,
].join('')

/** By the trigger that `dustpan db install` creates; its first argument is the mode. */
export const logOf = (
  table: string,
) => `(SELECT CASE WHEN position(decode('${claim}', 'hex') IN g.tgargs) = 1 AND has_schema_privilege(n.oid, 'USAGE')
    AND EXISTS (SELECT FROM pg_class l WHERE l.relnamespace = n.oid AND l.relname = 'log' AND has_table_privilege(l.oid, 'SELECT')) THEN 'claim' ELSE 'leave' END
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE g.tgrelid = ${table} AND n.nspname = 'dustpan' AND p.proname = 'log_row' LIMIT 1)`

const claim = Buffer.from('claim\0').toString('hex')
