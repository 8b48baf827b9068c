muster state chek muster.db
