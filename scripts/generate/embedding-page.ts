// docs/embedding.md is written by hand but for what can be checked: its programs are the files of examples/, its tables
// are the option types. Both stand between marks and are put there by the generator.

import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import ts from 'typescript'

const PAGE = 'docs/embedding.md'
const TYPES = 'src/toolkit/sdk/options.ts'

/** The page with fresh programs and tables. Throws when a mark names a file or type that does not exist. */
export async function embeddingPage(root: string): Promise<string> {
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
  let page = await read(PAGE)
  for (const [, name] of page.matchAll(/<!-- example (\S+) -->/g)) {
    const program = await read(`examples/${name}`)
    page = between(page, `example ${name}`, `\`\`\`js\n${program}\`\`\``)
  }
  const types = await read(TYPES)
  for (const [, name] of page.matchAll(/<!-- options (\S+) -->/g)) {
    page = between(page, `options ${name}`, optionsTable(types, name!))
  }
  return page
}

function between(page: string, mark: string, text: string): string {
  const [start, end] = [`<!-- ${mark} -->`, '<!-- end -->']
  const from = page.indexOf(start) + start.length
  const to = page.indexOf(end, from)
  if (to < 0) throw new Error(`${PAGE}: no ${end} after ${start}`)
  return `${page.slice(0, from)}\n\n${text}\n\n${page.slice(to)}`
}

/** A table of the members of an interface: name, type, what its docstring says. */
function optionsTable(source: string, name: string): string {
  const file = ts.createSourceFile(TYPES, source, ts.ScriptTarget.Latest, true)
  const found = file.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name)
  if (found === undefined) throw new Error(`${TYPES}: no interface ${name}`)
  const rows = (found as ts.InterfaceDeclaration).members.filter(ts.isPropertySignature).map((member) => {
    const docs = ts.getJSDocCommentsAndTags(member).map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    const type = (member.type?.getText() ?? '')
      .replace(/ \| undefined$/, '')
      .replaceAll(/readonly |\s+\| undefined/g, '')
    return [
      `\`${member.name.getText()}\``,
      `\`${type.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}\``,
      docs.join(' '),
    ]
  })
  const cells = [
    ['Option', 'Type', 'Meaning'],
    ...rows.map((row) => row.map((cell) => cell.replaceAll(/\s*\n\s*/g, ' '))),
  ]
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  return [line(cells[0]!), '| --- | --- | --- |', ...cells.slice(1).map(line)].join('\n')
}
