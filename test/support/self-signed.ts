import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Writes a certificate for this machine and its key into a folder. */
export function selfSigned(folder: string, name: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const args = [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { cert, key };
}
