import { isPassword } from '../accounts/password.ts'
import type { Tokens } from '../accounts/tokens.ts'
import type { Database } from '../database/database.ts'
import { find } from '../database/table.ts'
import { users } from '../database/tables.ts'
import { readFields } from '../http/fields.ts'
import { HttpError } from '../http/http-error.ts'
import { type Route, route } from '../http/route.ts'

export function loginRoute(db: Database, tokens: Tokens): Route {
  return route('POST /login', 'anyone', async (call) => {
    const { email = '', password } = readFields(await call.json(), { email: 'text', password: 'text' })
    const user = await find(db, users, { email })
    if (user === undefined || !(await isPassword(String(password), user.password_hash))) {
      throw new HttpError(401, 'E-mail or password is wrong')
    }
    return { status: 200, body: { id: user.id, role: user.role, token: tokens.issue(Number(user.id)) } }
  })
}
