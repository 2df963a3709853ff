/** Topic names and topic filters as MQTT defines them. */

/** A topic that can be published to: not empty, no wildcard, no NUL. */
export function isTopicName(topic: string): boolean {
  return topic !== '' && !/[+#\0]/.test(topic);
}

/** `#` only as the whole last level, `+` only as a whole level. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '' || filter.includes('\0')) return false;
  return filter.split('/').every((level, index, levels) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}

export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}

/**
 * What a shared subscription (`$share/{group}/{filter}`) selects; any other filter as it is. A group needs no round robin
 * here: the second level of every permitted filter is the client's own id, so a group never has a second member.
 */
export function withoutShare(filter: string): string {
  return /^\$share\/[^/+#]+\/(.+)$/s.exec(filter)?.[1] ?? filter;
}
