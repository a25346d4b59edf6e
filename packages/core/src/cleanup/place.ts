/** What a store's address names, to be looked at before the store is touched. */
import { tmpdir } from 'node:os'
import { basename, isAbsolute, relative } from 'node:path'
import { domainToUnicode } from 'node:url'
import type { Settings } from '../config/settings.ts'
import type { StoreRef } from '../resource/resource.ts'

export interface Place {
  readonly hosts: readonly string[]
  /** Databases, users and files: what may look like production on any host. */
  readonly names: readonly string[]
}

/** Of the address on record, and of the one in the driver's options, by which the store is reached. */
export function placeOf({ drivers, root }: Pick<Settings, 'drivers' | 'root'>, { id, driver }: StoreRef): Place {
  const options = drivers.find(({ name }) => name === driver)?.options as { readonly url?: unknown } | undefined
  const places = [id, options?.url].flatMap((address) => (typeof address === 'string' ? addressed(address, root) : []))
  return { hosts: places.flatMap(({ hosts }) => hosts), names: places.flatMap(({ names }) => names) }
}

/** What has no address is in this process, or on this machine. */
function addressed(address: string, root: string): Place[] {
  if (address.startsWith('file:')) return []
  const file = /^sqlite:([^:].*?)(?:#\d+\.\d+\.\d+)?$/s.exec(address)?.[1]
  if (file !== undefined) return [{ hosts: [], names: [tellingPart(file, root)] }]
  const parts = /^(?:jdbc:)?[a-z][a-z\d+.-]*:\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/i.exec(address)
  if (!parts) return []
  const [, authority = '', path = '', query = ''] = parts
  const [hosts, user] = [authority.replace(/^.*@/s, ''), authority.includes('@') ? authority.split(/[:@]/)[0] : '']
  const asked = new URLSearchParams(query)
  const all = (...keys: readonly string[]) => keys.flatMap((key) => asked.getAll(key))
  return [
    {
      hosts: [...hosts.split(','), ...all('host', 'hostaddr').flatMap((list) => list.split(','))].map(hostOf),
      names: [path.slice(1), user ?? '', ...all('dbname', 'database', 'user')]
        .filter((name) => name !== '')
        .map(decoded),
    },
  ]
}

/** Without port and brackets, as people write it. */
function hostOf(text: string): string {
  const bare = /^\[([^\]]*)\]/.exec(text)?.[1] ?? (isSeveralColons(text) ? text : text.replace(/:\d*$/, ''))
  const name = decoded(bare)
  return name.startsWith('/') ? name : (domainToUnicode(name) || name).toLowerCase()
}

/** A socket's path, or an address without brackets. */
const isSeveralColons = (text: string): boolean => text.split(':').length > 2

/** A folder above the project may be called anything, and a temporary one has a random name. */
function tellingPart(file: string, root: string): string {
  if (isWithin(file, tmpdir())) return basename(file)
  return isWithin(file, root) ? relative(root, file) : file
}

function isWithin(file: string, folder: string): boolean {
  const path = relative(folder, file)
  return path !== '' && !path.startsWith('..') && !isAbsolute(path)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
