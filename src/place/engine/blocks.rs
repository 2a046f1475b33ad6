//! Parts of a problem that have nothing to do with each other.

use super::net::Net;

/// Tasks by block: tasks of different blocks share no edge, row, pool, fee or deadline. Smaller blocks come first.
pub(super) fn blocks(net: &Net) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..net.tasks()).collect();
    let mut join = |a: usize, b: usize| {
        let (a, b) = (find(&mut leader, a), find(&mut leader, b));
        leader[a.max(b)] = a.min(b);
    };
    for edge in &net.edges {
        join(edge.from, edge.to);
    }
    let user = |position: usize| net.task[net.user[net.users.1[position]]];
    for row in 0..net.rows.len() {
        let users = net.users.0.of(row);
        let first = users.start;
        users.for_each(|position| join(user(first), user(position)));
    }
    let debtor = |position: usize| net.task[net.candidates.start(net.debtor[net.debtors.1[position]])];
    for fee in 0..net.fees.len() {
        let debtors = net.debtors.0.of(fee);
        let first = debtors.start;
        debtors.for_each(|position| join(debtor(first), debtor(position)));
    }
    for pool in &net.pools {
        let firsts = pool
            .rows
            .iter()
            .map(|row| net.users.0.of(*row))
            .filter(|users| !users.is_empty());
        let firsts: Vec<usize> = firsts.map(|users| user(users.start)).collect();
        firsts.windows(2).for_each(|pair| join(pair[0], pair[1]));
    }
    if !net.clocks.is_empty() {
        (1..net.tasks()).for_each(|task| join(0, task));
    }
    let mut blocks = vec![Vec::new(); net.tasks()];
    for task in 0..net.tasks() {
        blocks[find(&mut leader, task)].push(task);
    }
    blocks.retain(|block| !block.is_empty());
    blocks.sort_by_key(Vec::len);
    blocks
}

fn find(leader: &mut [usize], mut task: usize) -> usize {
    while leader[task] != task {
        leader[task] = leader[leader[task]];
        task = leader[task];
    }
    task
}
