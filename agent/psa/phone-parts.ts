import type { Phone } from '../../core/model/phone.ts';

/** The phone for a PSA that has extensions in a member of their own: the number as it was written, without the extension, and the extension. */
export function phoneParts(phone: Phone): { readonly value: string; readonly extension: string | null } {
  const raw = phone.raw.trim();
  const extension = phone.extension?.trim() ?? '';
  if (extension === '') return { value: raw, extension: null };
  const marked = /^(.*\d)\W*(?:extension|ext|x|#|;|,)\W*(\d+)\s*$/i.exec(raw);
  const isOwn = marked?.[1] !== undefined && marked[2] === extension.replace(/\D/g, '');
  return { value: isOwn ? (marked[1] ?? raw) : raw, extension };
}
