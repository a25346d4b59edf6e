/** A table whose rows have the run's id, as created by `dustpan db migration`. */
export const markedTable = {
  sqlite: 'CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, test_run_id TEXT)',
  postgres: `CREATE TABLE things (id serial PRIMARY KEY, name text,
    test_run_id varchar(50) DEFAULT nullif(current_setting('dustpan.marker', true), ''))`,
  mariadb: `CREATE TABLE things (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50), test_run_id varchar(50) INVISIBLE);
    CREATE TRIGGER mark BEFORE INSERT ON things FOR EACH ROW SET NEW.test_run_id = COALESCE(NEW.test_run_id, @dustpan_marker)`,
} as const

/** A trigger with which inserts into `things` wait for the lock on the row of `gate`. */
export const gate = {
  postgres: `CREATE TABLE gate (n int); INSERT INTO gate VALUES (0);
    CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE gate SET n = n + 1; RETURN NULL; END $$;
    CREATE TRIGGER pass AFTER INSERT ON things FOR EACH ROW EXECUTE FUNCTION pass()`,
  mariadb: `CREATE TABLE gate (n int); INSERT INTO gate VALUES (0);
    CREATE TRIGGER pass AFTER INSERT ON things FOR EACH ROW UPDATE gate SET n = n + 1`,
} as const
