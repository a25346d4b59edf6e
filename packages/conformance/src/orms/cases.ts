import type { OrmClient } from './subject.ts'

export interface OrmCase {
  readonly name: string
  /** Resolves to the ORM's result. */
  act(client: OrmClient): Promise<unknown>
  /** The number of new rows, by table. */
  readonly creates: Readonly<Record<string, number>>
  /** A stranger's author who is renamed, and still belongs to the stranger. */
  readonly renames?: { readonly from: string; readonly to: string }
}

const author = (name: string) => ({ email: `${name.toLowerCase()}@example.com`, name })

export const ormCases: readonly OrmCase[] = [
  { name: 'create', act: (client) => client.create(author('Ada')), creates: { authors: 1 } },
  {
    name: 'nested create',
    act: (client) =>
      client.createNested(author('Nora'), [
        { title: 'First', tags: ['new', "it's"] },
        { title: 'Second', tags: ['old'] },
      ]),
    creates: { authors: 1, books: 2, book_tags: 3 },
  },
  {
    name: 'createMany',
    act: (client) => client.createMany([author('Mia'), author('Max'), author('Moe')]),
    creates: { authors: 3 },
  },
  {
    name: 'upsert',
    act: async (client) => [
      await client.upsert({ ...author('Stranger'), name: 'Renamed' }),
      await client.upsert(author('Ursula')),
    ],
    creates: { authors: 1 },
    renames: { from: 'Stranger', to: 'Renamed' },
  },
  {
    name: 'rolled back',
    act: async (client) => {
      const rolledBack = client.rollBack(author('Rosa'), { title: 'Never', tags: [] }, new Error('no more'))
      return rolledBack.then(
        () => Promise.reject(new Error('The transaction was not rolled back')),
        (error) => String(error),
      )
    },
    creates: {},
  },
  { name: 'raw', act: (client) => client.raw(author('Rory')), creates: { authors: 1 } },
]
