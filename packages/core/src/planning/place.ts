/** The hosts and names in a store's address, checked before the store is used. */
import { tmpdir } from 'node:os'
import { basename, isAbsolute, relative } from 'node:path'
import { domainToUnicode } from 'node:url'
import type { Settings } from '../config/settings.ts'
import type { StoreRef } from '../resource/resource.ts'

export interface Place {
  readonly hosts: readonly string[]
  /** Databases, users and files: names that may look like production on any host. */
  readonly names: readonly string[]
}

/** Of the recorded address, and of the one in the driver's options through which the store is reached. */
export function placeOf({ drivers, root }: Pick<Settings, 'drivers' | 'root'>, { id, driver }: StoreRef): Place {
  const options = drivers.find(({ name }) => name === driver)?.options as { readonly url?: unknown } | undefined
  const places = [id, options?.url].flatMap((address) => (typeof address === 'string' ? placesIn(address, root) : []))
  return { hosts: places.flatMap(({ hosts }) => hosts), names: places.flatMap(({ names }) => names) }
}

/** Empty for stores without an address: they are in this process, or on this machine. */
function placesIn(address: string, root: string): Place[] {
  if (address.startsWith('file:')) return []
  const file = /^sqlite:([^:].*?)(?:#\d+\.\d+\.\d+)?$/s.exec(address)?.[1]
  if (file !== undefined) return [{ hosts: [], names: [relevantPath(file, root)] }]
  const parts = /^(?:jdbc:)?[a-z][a-z\d+.-]*:\/\/([^/?#]*)([^?#]*)(\?[^#]*)?/i.exec(address)
  if (!parts) return []
  const [, authority = '', path = '', query = ''] = parts
  const [hosts, user] = [authority.replace(/^.*@/s, ''), authority.includes('@') ? authority.split(/[:@]/)[0] : '']
  const parameters = new URLSearchParams(query)
  const all = (...keys: readonly string[]) => keys.flatMap((key) => parameters.getAll(key))
  return [
    {
      hosts: [...hosts.split(','), ...all('host', 'hostaddr').flatMap((list) => list.split(','))].map(hostOf),
      names: [path.slice(1), user ?? '', ...all('dbname', 'database', 'user')]
        .filter((name) => name !== '')
        .map(decoded),
    },
  ]
}

/** Without port and brackets, in Unicode and lower case. */
function hostOf(text: string): string {
  const bare = /^\[([^\]]*)\]/.exec(text)?.[1] ?? (hasSeveralColons(text) ? text : text.replace(/:\d*$/, ''))
  const name = decoded(bare)
  return name.startsWith('/') ? name : (domainToUnicode(name) || name).toLowerCase()
}

/** The path of a socket, or an IPv6 address without brackets. */
const hasSeveralColons = (text: string): boolean => text.split(':').length > 2

/** Folders above the project may have any name, and temporary ones have random names. */
function relevantPath(file: string, root: string): string {
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
