/** A certificate authority for tests, made anew with the openssl command. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Certificate {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
}

export interface Authority {
  /** PEM */
  readonly ca: string;
  issue(name: string, options?: { altName?: string; expired?: boolean }): Certificate;
  remove(): void;
}

const CONFIG = `[ca]
default_ca = this
[this]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
`;

export function createAuthority(): Authority {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ca-'));
  const read = (name: string): string => fs.readFileSync(path.join(dir, name), 'utf8');
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test CA', '-days', '2');
  fs.writeFileSync(path.join(dir, 'index.txt'), '');
  fs.writeFileSync(path.join(dir, 'serial'), '01\n');
  fs.writeFileSync(path.join(dir, 'ca.cnf'), CONFIG);
  return {
    ca: read('ca.crt'),
    issue: (name, { altName = 'DNS:localhost,IP:127.0.0.1', expired = false } = {}) => {
      const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${altName}`];
      openssl('req', '-new', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, ...subject);
      const dates = expired ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] : ['-days', '2'];
      openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', '-in', `${name}.csr`, '-out', `${name}.crt`, ...dates);
      return { cert: read(`${name}.crt`), key: read(`${name}.key`) };
    },
    remove: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}
