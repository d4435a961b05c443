/** Makes a text from a session plain in a Markdown string: no markup, no links, no HTML, no icons, one line. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(/[\\`*_{}[\]()#+\-.!|<>~$&:]/g, '\\$&');
}
