/**
 * Calls of functions that are not PostgreSQL's own: such a function may change the role or the search path, unseen
 * (`SELECT login($1)`).
 */
import type { Node } from 'libpg-query'

/** PostgreSQL's own functions, without those named `pg_…`. Others only cost a question that was not necessary. */
const builtIn = new Set(
  `
  abbrev abs aclcontains acldefault aclexplode acos acosd acosh age any_value area array_agg array_append array_dims
  array_fill array_length array_lower array_ndims array_position array_positions array_prepend array_remove
  array_replace array_reverse array_sample array_shuffle array_sort array_to_json array_to_string array_to_tsvector
  array_upper ascii asin asind asinh atan atan2 atan2d atand atanh avg bit bit_and bit_count bit_length bit_or bit_xor
  bool bool_and bool_or box bpchar btrim bytea cardinality casefold cbrt ceil ceiling center char char_length
  character_length chr cidr circle clock_timestamp col_description concat concat_ws corr cos cosd cosh cot cotd count
  covar_pop covar_samp crc32 crc32c cume_dist current_database current_query current_schema current_schemas
  current_setting current_user currval cursor_to_xml cursor_to_xmlschema database_to_xml database_to_xml_and_xmlschema
  database_to_xmlschema date date_add date_bin date_part date_subtract date_trunc datemultirange daterange decode
  degrees dense_rank diameter div encode enum_first enum_last enum_range erf erfc every exp extract factorial family
  first_value float4 float8 floor format format_type gamma gcd gen_random_uuid generate_series generate_subscripts
  get_bit get_byte get_current_ts_config getdatabaseencoding getpgusername has_any_column_privilege
  has_column_privilege has_database_privilege has_foreign_data_wrapper_privilege has_function_privilege
  has_language_privilege has_largeobject_privilege has_parameter_privilege has_schema_privilege has_sequence_privilege
  has_server_privilege has_table_privilege has_tablespace_privilege has_type_privilege height host hostmask
  icu_unicode_version inet_client_addr inet_client_port inet_merge inet_same_family inet_server_addr inet_server_port
  initcap int2 int4 int4multirange int4range int8 int8multirange int8range interval is_normalized isclosed isempty
  isfinite isopen json_agg json_agg_strict json_array_elements json_array_elements_text json_array_length
  json_build_array json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object
  json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict json_object_keys
  json_populate_record json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_to_tsvector
  json_typeof jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length
  jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text
  jsonb_insert jsonb_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
  jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match
  jsonb_path_match_tz jsonb_path_query jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first
  jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record jsonb_populate_record_valid
  jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset
  jsonb_to_tsvector jsonb_typeof justify_days justify_hours justify_interval lag last_value lastval lcm lead left
  length lgamma like line ln lo_close lo_creat lo_create lo_export lo_from_bytea lo_get lo_import lo_lseek lo_lseek64
  lo_open lo_put lo_tell lo_tell64 lo_truncate lo_truncate64 lo_unlink log log10 loread lower lower_inc lower_inf
  lowrite lpad lseg ltrim macaddr macaddr8 macaddr8_set7bit make_date make_interval make_time make_timestamp
  make_timestamptz makeaclitem masklen max min min_scale mod mode money multirange mxid_age netmask network nextval
  normalize now npoints nth_value ntile num_nonnulls num_nulls numeric nummultirange numnode numrange obj_description
  octet_length oid oidvectortypes overlaps overlay parse_ident path percent_rank percentile_cont percentile_disc
  phraseto_tsquery pi plainto_tsquery point polygon position pow power query_to_xml query_to_xml_and_xmlschema
  query_to_xmlschema quote_ident quote_literal quote_nullable radians radius random random_normal range_agg
  range_intersect_agg range_merge rank regclass regexp_count regexp_instr regexp_like regexp_match regexp_matches
  regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr regr_avgx regr_avgy regr_count
  regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy repeat replace reverse right round row_number
  row_security_active row_to_json rpad rtrim scale schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema
  session_user set_bit set_byte set_config set_masklen setseed setval setweight shobj_description sign
  similar_to_escape sin sind sinh slope split_part sqrt statement_timestamp stddev stddev_pop stddev_samp string_agg
  string_to_array string_to_table strip strpos substr substring sum system_user table_to_xml
  table_to_xml_and_xmlschema table_to_xmlschema tan tand tanh text time timeofday timestamp timestamptz timetz
  timezone to_ascii to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass to_regcollation
  to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod
  to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim_array trim_scale trunc ts_debug ts_delete
  ts_filter ts_headline ts_lexize ts_parse ts_rank ts_rank_cd ts_rewrite ts_stat ts_token_type tsmultirange tsrange
  tstzmultirange tstzrange tsvector_to_array txid_current txid_current_if_assigned txid_current_snapshot
  txid_snapshot_xip txid_snapshot_xmax txid_snapshot_xmin txid_status txid_visible_in_snapshot unicode_assigned
  unicode_version unistr unnest upper upper_inc upper_inf uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7
  var_pop var_samp varbit varchar variance version websearch_to_tsquery width width_bucket xid xml xml_is_well_formed
  xml_is_well_formed_content xml_is_well_formed_document xmlagg xmlcomment xmlexists xmltext xmlvalidate xpath
  xpath_exists
`
    .trim()
    .split(/\s+/),
)

/** Words that come before a parenthesis, but call nothing. */
const keywords = new Set(
  `all and any array as between bit by case cast char character check coalesce cube decimal distinct else except exists extract
  filter float from greatest group grouping having ilike in intersect interval is join json_array json_arrayagg json_exists
  json_objectagg json_query json_scalar json_serialize json_table json_value lateral least like limit materialized not
  nullif numeric offset on only or over partition precision returning rollup row rows select set sets some substring
  table then time timestamp to treat trim union using values varchar varying when where with within xmlconcat xmlelement
  xmlforest xmlparse xmlpi xmlroot xmlserialize`.split(/\s+/),
)

/** Whether a text may call such a function; exact once it is parsed. Runs for every text, so it only looks before parentheses. */
export function mayCallFunction(text: string): boolean {
  for (let at = text.indexOf('('); at >= 0; at = text.indexOf('(', at + 1)) {
    const end = skipSpaces(text, at)
    const start = startOfName(text, end)
    if (start < end && !isHarmless(text, start, end)) return true
  }
  return false
}

function isHarmless(text: string, start: number, end: number): boolean {
  const isQuoted = text.charCodeAt(start) === quote
  const name = isQuoted ? text.slice(start + 1, end - 1) : text.slice(start, end).toLowerCase()
  const isQualified = text[skipSpaces(text, start) - 1] === '.'
  return isDigit(text.charCodeAt(start)) || (!isQualified && (isBuiltIn(name) || keywords.has(name)))
}

function skipSpaces(text: string, end: number): number {
  let at = end
  while (at > 0 && text.charCodeAt(at - 1) <= space) at--
  return at
}

function startOfName(text: string, end: number): number {
  if (text[end - 1] === '"') return Math.max(text.lastIndexOf('"', end - 2), 0)
  let at = end
  while (at > 0 && isOfName(text.charCodeAt(at - 1))) at--
  return at
}

const space = 32
const quote = 34

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Letters, digits, `_`, `$` and everything beyond ASCII. */
const isOfName = (code: number): boolean =>
  (code >= 97 && code <= 122) || isDigit(code) || (code >= 65 && code <= 90) || code === 95 || code === 36 || code > 127

/** Whether a parsed statement, or a part of one, calls such a function. */
export function callsFunction(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false
  if ('FuncCall' in part && isCall(part.FuncCall)) return true
  return Object.values(part).some(callsFunction)
}

function isCall(call: unknown): boolean {
  const { funcname = [] } = call as { funcname?: readonly Node[] }
  const names = funcname.map((name) => ('String' in name ? (name.String.sval ?? '') : ''))
  const schema = names.at(-2)
  return schema === undefined ? !isBuiltIn(names.at(-1) ?? '') : schema !== 'pg_catalog'
}

const isBuiltIn = (name: string): boolean => name.startsWith('pg_') || builtIn.has(name)
