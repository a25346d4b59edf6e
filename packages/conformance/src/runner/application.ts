/** Turns the service into an application with a database, which writes for the test named in a request. */
import { execa } from 'execa'
import type { Api } from '../api.ts'
import type { Project } from '../project.ts'
import { once } from '../servers/index.ts'

/**
 * `POST /<place>/write/<text>` writes a note without creating an HTTP resource; `/<place>/runs` notes how many runs are
 * announced as active.
 */
export async function answerWithNotes(api: Api, databaseUrl: string, { folder }: Project): Promise<void> {
  const install = ['node_modules/.bin/dustpan', 'db', 'install', '--yes']
  await execa(process.execPath, install, { cwd: folder, env: { DATABASE_URL: databaseUrl } })
  api.answer(/\/write\/\w+$/, (path, { baggage = '' }) => {
    const [place, , text] = path.split('/')
    return once(
      databaseUrl,
      `BEGIN; SELECT set_config('dustpan.run', '${named('test.run_id', baggage)}', true);
       SELECT set_config('dustpan.scope', '${named('test.scope_id', baggage)}', true);
       INSERT INTO notes (place, text) VALUES ('${place}', '${text}'); COMMIT`,
    )
  })
  api.answer(/\/runs$/, (path) =>
    once(
      databaseUrl,
      `INSERT INTO notes (place, text) SELECT '${path.split('/')[0]}', count(DISTINCT run) || ' at work'
       FROM dustpan.writer WHERE ended IS NULL`,
    ),
  )
}

const named = (name: string, baggage: string | string[]): string =>
  new RegExp(`${name}=([\\w.-]+)`).exec(String(baggage))?.[1] ?? ''
