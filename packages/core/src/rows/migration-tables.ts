/** Tables in which tools record applied migrations: without them the schema would be built twice. */
const names = new Set([
  ...['_prisma_migrations', '__drizzle_migrations', 'knex_migrations', 'knex_migrations_lock', 'kysely_migration'],
  ...[
    'kysely_migration_lock',
    'mikro_orm_migrations',
    'pgmigrations',
    'migrations',
    'migrations_lock',
    'sequelizemeta',
  ],
  ...['sequelizedata', 'typeorm_metadata', 'typeorm_migrations', 'umzug_migrations', 'schema_migrations'],
  ...['ar_internal_metadata', 'flyway_schema_history', 'databasechangelog', 'databasechangeloglock', 'alembic_version'],
  ...['django_migrations', '__efmigrationshistory', 'goose_db_version', 'atlas_schema_revisions', 'gorp_migrations'],
  ...['phinxlog', 'doctrine_migration_versions', 'schema_version', 'schemaversion', 'd1_migrations'],
])

export function isMigrationTable(table: string): boolean {
  return names.has(table.toLowerCase())
}
