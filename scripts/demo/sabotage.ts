import { DatabaseSync } from 'node:sqlite'

/** Makes the shop's database refuse to delete carts, so that the shop answers 500. */
export function refuseToDeleteCarts(database: string): void {
  using db = new DatabaseSync(database, { timeout: 5000 })
  db.exec(`CREATE TRIGGER refuse BEFORE DELETE ON carts BEGIN SELECT RAISE(ABORT, 'carts stay'); END`)
}
