import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Database } from '../database/database.ts'
import { list } from '../database/table.ts'
import { products } from '../database/tables.ts'
import { HttpError, notFound } from '../http/http-error.ts'
import { type Route, route } from '../http/route.ts'

const extensions: Record<string, string> = { 'image/png': '.png', 'image/jpeg': '.jpg', 'image/webp': '.webp' }

/** Pictures: the body of the request is the picture. A product refers to its picture by name. */
export function uploadRoutes(db: Database, folder: string): Route[] {
  mkdirSync(folder, { recursive: true })
  const pathOf = (name: string | undefined) => join(folder, basename(name ?? ''))
  return [
    route('POST /uploads', 'admin', async (call) => {
      const extension = extensions[call.contentType]
      if (extension === undefined) throw new HttpError(415, `Expected one of ${Object.keys(extensions).join(', ')}`)
      const name = `${randomUUID()}${extension}`
      await writeFile(pathOf(name), await call.bytes())
      return { status: 201, body: { file: { name } } }
    }),
    route('GET /uploads/:name', 'anyone', async (call) => {
      const body = await readFile(pathOf(call.params.name)).catch(absent)
      const extension = extname(call.params.name ?? '')
      const [type = 'application/octet-stream'] =
        Object.entries(extensions).find(([, known]) => known === extension) ?? []
      return { status: 200, body, headers: { 'content-type': type } }
    }),
    route('DELETE /uploads/:name', 'admin', async (call) => {
      const [product] = await list(db, products, { picture: call.params.name ?? '' })
      if (product !== undefined) throw new HttpError(409, `It is the picture of product ${product.id}`)
      await unlink(pathOf(call.params.name)).catch(absent)
      return { status: 204 }
    }),
  ]
}

function absent(error: NodeJS.ErrnoException): never {
  throw error.code === 'ENOENT' || error.code === 'EISDIR' ? notFound() : error
}
