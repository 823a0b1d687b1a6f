/** The three parts of the room of tables; a narrow window has room for one of them. */
export type Pane = 'tree' | 'grid' | 'inspector';
