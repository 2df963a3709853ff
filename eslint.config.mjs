import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Who may import whom (see docs/architecture.md). */
const forbid = (files, patterns, message, ignores = []) => ({
  files,
  ignores,
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: patterns.map((regex) => ({ regex, message })) }],
  },
});

export default tseslint.config(
  { ignores: ['dist/', 'src/generated/', 'coverage/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.test.json', './tsconfig.editor.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['scripts/**/*.mjs', 'src/simulators/cli.ts', 'bench/**/*.ts'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  forbid(['src/**/*.ts'], ['^node-red', '^@node-red', '/nodes/'], 'only src/runtime and nodes/ know Node-RED', [
    'src/runtime/**',
  ]),
  forbid(
    ['src/shared/**/*.ts'],
    ['\\.\\./(?!shared)', '^node-red', '^mqtt'],
    'src/shared is safe for editor and runtime: it imports nothing of ours',
  ),
  forbid(['src/mqtt/**/*.ts'], ['\\.\\./(?!shared/)', '^node-red'], 'src/mqtt imports nothing of ours but src/shared'),
  ...['openevse', 'go-e', 'evcc'].map((system) =>
    forbid(
      [`src/chargers/${system}/**/*.ts`],
      [`\\.\\./(openevse|go-e|evcc)/`, '/runtime/', '/simulators/', '^mqtt', '^node-red'],
      'a driver is pure and never imports another system',
    ),
  ),
  forbid(
    ['src/simulators/**/*.ts'],
    ['^(\\.\\./)+(chargers|linky|openremote|runtime|mqtt)/', '^node-red'],
    'simulators are written from the protocol, never from our drivers',
  ),
  forbid(
    ['nodes/**/*.editor.ts'],
    ['/src/(?!shared/|editor/)', '^mqtt', '^node:'],
    'editor code imports src/editor, src/shared and types only',
  ),
);
