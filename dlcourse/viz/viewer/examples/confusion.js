// Counting of right and wrong, and the order in which examples are shown.

/** Places of the examples of a class (row) that the net took for another (column). */
export function behind({ labels, said, p }, [is, guess], order) {
  const found = [];
  for (let i = 0; i < labels.size; i++) {
    if (labels.data[i] === is && said.data[i] === guess) found.push(i);
  }
  if (order === "as they came") return found;
  const way = order === "surest" ? -1 : 1;
  return found.sort((a, b) => way * (p.at([a, guess]) - p.at([b, guess])) || a - b);
}

/** Of each class: how many there are, the share found, and the share of right guesses. */
export function rates(counts) {
  const classes = counts.shape[0];
  return Array.from({ length: classes }, (_, k) => {
    let [are, called] = [0, 0];
    for (let i = 0; i < classes; i++) {
      are += counts.at([k, i]);
      called += counts.at([i, k]);
    }
    const right = counts.at([k, k]);
    return { are, called, found: are ? right / are : null, meant: called ? right / called : null };
  });
}
