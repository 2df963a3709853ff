/**
 * What our dialogs use of the editor. The published types know neither labels of properties nor validators with a
 * message (both since Node-RED 3), so the few members are declared here.
 */
declare global {
  /** `this` in a definition's functions: the node being shown or edited. */
  type Instance<P> = P & {
    readonly id: string;
    readonly type: string;
    readonly _: (key: string, values?: object) => string;
    readonly _def: { readonly defaults: Readonly<Record<string, { readonly value: unknown }>> };
  };

  /** What a validator is told: the label of its property. */
  interface ValidateOptions {
    readonly label?: string;
  }

  interface PropertyDefault<P, V> {
    readonly value: V;
    readonly required?: boolean;
    /** The config node type it refers to. */
    readonly type?: string;
    /** Shown in validation messages. */
    readonly label?: string;
    /** With two declared parameters a returned text is an error message. */
    readonly validate?: (this: Instance<P>, value: unknown, options?: ValidateOptions) => boolean | string;
  }

  interface NodeDefinition<P, C = object> {
    readonly category: 'config' | 'energy';
    readonly color: string;
    readonly icon: string;
    readonly defaults: { readonly [K in keyof P]: PropertyDefault<P, P[K]> };
    readonly credentials?: { readonly [K in keyof C]: { readonly type: 'text' | 'password' } };
    readonly inputs?: 0 | 1;
    readonly outputs?: number;
    readonly align?: 'right';
    readonly paletteLabel?: string | ((this: Instance<P>) => string);
    readonly label: string | ((this: Instance<P>) => string);
    readonly labelStyle?: (this: Instance<P>) => string;
    readonly inputLabels?: (this: Instance<P>) => string;
    readonly outputLabels?: (this: Instance<P>) => string;
    readonly oneditprepare?: (this: Instance<P>) => void;
    readonly oneditsave?: (this: Instance<P>) => void;
    readonly oneditcancel?: (this: Instance<P>) => void;
    readonly oneditresize?: (this: Instance<P>, size: { width: number; height: number }) => void;
  }

  interface Tabs {
    addTab(tab: { id: string; label: string }): void;
  }

  const RED: {
    readonly nodes: {
      registerType<P, C = object>(type: string, definition: NodeDefinition<P, C>): void;
      /** A node of the workspace, deployed or not. */
      node(id: string): (Record<string, unknown> & { readonly id: string; readonly type: string }) | undefined;
    };
    readonly tabs: { create(options: { id: string; onchange: (tab: { id: string }) => void }): Tabs };
    readonly _: (key: string, values?: object) => string;
  };

  interface JQuery {
    typedInput(options: object): this;
    typedInput(method: string, ...values: unknown[]): string & this;
    editableList(options: object): this;
    editableList(method: string, ...values: unknown[]): this;
    autoComplete(options: object): this;
  }
}

export {};
