import { documentHead } from '../document.ts';
import { object, parseObject, string } from '../shape.ts';
import { inDatabase, isInTree } from './places.ts';

const EVENTS = /^(?:session|message|message\.part|permission|file|server|lsp|custom|todo|storage)\.[\w.]+$/;
/** So many events may say nothing of opencode. */
const FIRST = 20;

/** A session in a database (by its name), one of an old storage, an export, or what the event bus told. */
export function recognises(head: string, file: string): boolean {
  if (inDatabase(file) !== undefined) return true;
  const { outermost, records, open } = documentHead(head, ['messages']);
  if (outermost === 'list') {
    const events = [...records, ...(open === undefined ? [] : [open])].slice(0, FIRST);
    return (
      events.length > 0 &&
      events.some(({ text }) => isEvent(text)) &&
      records.every(({ text }, index) => index >= FIRST || isEvent(text))
    );
  }
  if (outermost !== 'object') return false;
  const fields = new Map(records.map((record) => [record.key, record.text]));
  if (isInTree(file))
    return fields.has('id') && fields.has('time') && (fields.has('directory') || fields.has('projectID'));
  const info = object(parseObject(fields.get('info') ?? ''));
  if (info !== undefined) return string(info['id'])?.startsWith('ses') === true && object(info['time']) !== undefined;
  // The session's own patches may fill the head.
  return open?.key === 'info' && /"id"\s*:\s*"ses_/.test(open.text) && /"(?:slug|projectID|directory)"/.test(open.text);
}

function isEvent(text: string): boolean {
  const event = parseObject(text);
  if (event === undefined)
    return /"type"\s*:\s*"(?:message|session)\.[\w.]+"/.test(text) && text.includes('"properties"');
  return EVENTS.test(string(event['type']) ?? '') && 'properties' in event;
}
