/**
 * A mail as HTML that mail programs of all ages show: tables for the layout, styles on the elements (programs drop style sheets; the one here
 * only serves dark mode), no images, no scripts. JSX escapes every text.
 */
import { renderToString } from '#jsx/render';
import type { JSX } from '#jsx/jsx-runtime';
import type { Block, Sheet } from './sheet.ts';

const FONT = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const WIDTH = 600;
const INK = '#1f2328';
const QUIET = '#57606a';

/** Programs that turn mails dark by themselves look for color-scheme, and then leave these colours alone. */
const DARK = `@media (prefers-color-scheme: dark) {
  .page { background: #16191d !important; }
  .card { background: #22272e !important; }
  .ink { color: #e6e9ec !important; }
  .quiet { color: #adb5bd !important; }
}`;

export const htmlOf = (sheet: Sheet): string => `<!doctype html>\n${renderToString(<Page sheet={sheet} />)}\n`;

function Page({ sheet }: { readonly sheet: Sheet }): JSX.Element {
  const { subject, organisation, language, blocks, bareLink, footer } = sheet;
  const color = colorOf(sheet.color);
  return (
    <html lang={language} dir="ltr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{subject}</title>
        <style>{DARK}</style>
      </head>
      <body class="page" style={{ margin: 0, padding: 0, background: '#f3f4f6' }}>
        <Layout class="page" style={{ width: '100%', background: '#f3f4f6' }}>
          <tr>
            <td align="center" style={{ padding: '24px 12px' }}>
              {/* The attribute is for Outlook, which knows no max-width. */}
              <Layout width={WIDTH} class="card" style={{ width: '100%', maxWidth: `${WIDTH}px`, background: '#ffffff', borderTop: `4px solid ${color}` }}>
                <tr>
                  <td class="ink" align="left" style={{ ...type(18), padding: '24px 24px 0', color: INK, fontWeight: 600 }}>{organisation}</td>
                </tr>
                <tr>
                  <td align="left" style={{ padding: '8px 24px 16px' }}>
                    {blocks.map((block) => <BlockView block={block} color={color} bareLink={bareLink} />)}
                  </td>
                </tr>
              </Layout>
              <Layout width={WIDTH} style={{ width: '100%', maxWidth: `${WIDTH}px` }}>
                <tr>
                  <td class="quiet" align="left" style={{ ...type(13), padding: '16px 24px', color: QUIET }}>
                    <Lines of={footer} />
                  </td>
                </tr>
              </Layout>
            </td>
          </tr>
        </Layout>
      </body>
    </html>
  );
}

function BlockView({ block, color, bareLink }: { readonly block: Block; readonly color: string; readonly bareLink: string }): JSX.Element {
  switch (block.kind) {
    case 'paragraph':
      return <p class="ink" style={{ ...type(16), margin: '16px 0', color: INK }}><Lines of={block.text.split('\n')} /></p>;
    case 'list':
      return (
        <ul style={{ margin: '16px 0', padding: '0 0 0 24px' }}>
          {block.items.map((item) => <li class="ink" style={{ ...type(16), margin: '4px 0', color: INK }}>{item}</li>)}
        </ul>
      );
    case 'action':
      return <Action label={block.label} link={block.link} color={color} bareLink={bareLink} />;
  }
}

function Action({ label, link, color, bareLink }: { readonly label: string; readonly link: string; readonly color: string; readonly bareLink: string }): JSX.Element {
  const button = { ...type(16), display: 'inline-block', padding: '12px 24px', color: inkOn(color), textDecoration: 'none', fontWeight: 600 };
  return (
    <div style={{ margin: '24px 0' }}>
      <Layout>
        <tr>
          <td align="center" bgcolor={color} style={{ background: color, borderRadius: '6px' }}><a href={link} style={button}>{label}</a></td>
        </tr>
      </Layout>
      <p class="quiet" style={{ ...type(13), margin: '12px 0 0', color: QUIET }}>
        {bareLink}
        <br />
        <a class="quiet" href={link} style={{ color: QUIET, wordBreak: 'break-all' }}>{link}</a>
      </p>
    </div>
  );
}

/** A table that is no table to people who hear it. */
const Layout = (table: JSX.IntrinsicElements['table']): JSX.Element => (
  <table role="presentation" cellpadding={0} cellspacing={0} border={0} {...table}><tbody>{table.children}</tbody></table>
);

const Lines = ({ of: lines }: { readonly of: readonly string[] }): JSX.Element => <>{lines.map((line, at) => (at === 0 ? line : [<br />, line]))}</>;

const type = (size: number) => ({ fontFamily: FONT, fontSize: `${size}px`, lineHeight: '1.5', wordBreak: 'break-word' });

/** It goes into a style, where escaping does not help: so it is a colour or the default. */
const colorOf = (color: string) => (/^#[0-9a-f]{6}$/i.test(color) ? color : '#1f5f8b');

/** Black or white, whichever is easier to read on `color`: WCAG 2.2, relative luminance; the two contrasts are equal at 0.179. */
function inkOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}
