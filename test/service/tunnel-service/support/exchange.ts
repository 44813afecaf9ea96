// A test that fails early leaves exchanges behind that nobody awaits any more. They break when its service and its daemons end,
// and must not be told beside the reason of the failure.

/** Raised with each test that is over. */
let test = 0

/** From now on, what exchanges that are still open come to concerns nobody. Called before anything of the test is ended. */
export function testIsOver(): void {
  test += 1
}

/** A test, to be told from others. */
export const thisTest = (): number => test

/** The result of an exchange of that test. One that breaks after its test was over stays open for ever. */
export async function inTest<T>(exchange: Promise<T>, mine = test): Promise<T> {
  try {
    return await exchange
  } catch (error) {
    if (mine !== test) return await new Promise<T>(() => {})
    throw error
  }
}
