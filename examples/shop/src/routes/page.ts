import { readFileSync } from 'node:fs'
import { type Route, route } from '../http/route.ts'

/** The page where a customer registers, fills a cart and orders. */
export function pageRoute(): Route {
  const body = readFileSync(new URL('page.html', import.meta.url))
  return route('GET /', 'anyone', async () => ({
    status: 200,
    body,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  }))
}
